"""A small old ERP to practise on, as a web application and as a desktop program over the same orders.

It has no API, and it keeps no reference from being entered twice: that is what robots are for, and what they must
see to. Knows nothing of Deskhand.
"""
