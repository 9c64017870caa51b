"""The sorter's hand on the owner's playlists: reads them, changes them, takes changes back.

Imported late: a hub whose sorter writes nothing does not hold it.
"""
