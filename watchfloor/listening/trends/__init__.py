"""Emerging terms: hashtags and phrases that rise around a mission's posts while no topic listens to them.

terms       a post → its hashtags and phrases
score       how much a term rises: the formula, its version, its thresholds
windows     the stretches of time that are compared, and how far they were counted
covered     whether a topic listens to a term already
actions     ignoring, offering again, adding to a topic
suggest     a topic's query with an offered term in it

What reads stored posts for it stands in `mentions/emerging.py` and `mentions/emerging_watch.py`.
"""
