"""The query language, from a query's text to the posts that match. It is defined in `docs/querying.md`.

characters              what part each character plays; normalisation
clean, tokens           title and text → tokens with positions, and where each was written
tree                    what a query is once it is read; QueryError
lexemes, terms, fields, read     a query's text → its tree: `read`
reading, facts, evaluate         a post, and whether it matches: `matches`
explain                 by which terms it matches, and where: `found_terms`
words                   a query in a sentence: `in_words`
needs, inkling          for the matcher: what a query needs, a cheap guess at what a post has
index                   for stores: what to index, and how a query narrows it down
"""
