"""How data comes in and is kept: sources, batches with epochs, and the cataloguing of what is new.

Refuses to know who may read it, how it is asked for, or that there is an edge.
"""
