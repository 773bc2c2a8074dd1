"""The query language: `read` a query, say it `in_words`, ask whether a post `matches`. Defined in docs/querying.md.

characters   what part each character plays; normalisation
clean        links and hidden characters taken out, places kept
tokens       title and text → tokens with positions
tree         what a query is once it is read; QueryError
lexemes, terms, fields, reader   a query's text → its tree
reading, facts, evaluate         a post, and whether it matches
explain      by which terms, and where
words        a query in a sentence
needs, inkling                   for the matcher: what a query needs, a cheap guess at what a post has
index        for stores: what to index, and how a query narrows it down
"""

from watchfloor.listening.language.evaluate import matches
from watchfloor.listening.language.reader import read
from watchfloor.listening.language.tree import Query, QueryError
from watchfloor.listening.language.words import in_words

__all__ = ["Query", "QueryError", "in_words", "matches", "read"]
