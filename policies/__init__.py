"""Who may do what with which coordinate: the law, its decisions, masks and row scopes.

Refuses to know how a question is asked or answered, where rows are kept, and how a principal proves who it is.
"""
