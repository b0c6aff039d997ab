"""Who hears of what: audiences, inboxes, pushing. Knows nothing of orders' rules, of HTTP or of chat."""
