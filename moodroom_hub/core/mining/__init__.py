"""Mining: one job at a time, from the owner's library to the rooms' pools."""
