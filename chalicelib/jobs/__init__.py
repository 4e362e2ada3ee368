"""Finds due items, queues their keys and hands the items to registered handlers."""
