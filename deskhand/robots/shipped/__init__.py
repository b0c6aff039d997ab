"""Robots that come with Deskhand, for the old ERP to practise on; copy one to begin with."""
