"""Things to practise on; nothing of Deskhand needs them."""
