"""Blogs, papers and forums by their feeds: RSS, Atom, RDF and JSON Feed."""

from watchfloor.sources.feeds.source import SOURCE

__all__ = ["SOURCE"]
