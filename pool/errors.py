"""The one way a collection fails."""


class CollectionError(Exception):
    """A collection that was refused or failed as a whole: nothing of it is in the pool.

    `message` names the thing in one line, `hint` the remedy (empty where there is none), `details` are further lines,
    such as the bad rows with their reasons.
    """

    def __init__(self, message: str, hint: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details
