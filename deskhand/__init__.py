"""Deskhand: conversational RPA bots on top of an order desk. Import the subpackages; this one holds nothing."""
