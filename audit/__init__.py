"""In charge of what was seen: the record of every operation, the log that makes it durable, and the search in it.

It refuses to know HTTP, tokens and how answers are made.
"""
