"""The sorter."""
