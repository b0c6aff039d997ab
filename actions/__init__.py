"""Rasa's custom actions: slots or text and the turn's token -> command -> `utter_*` and cards.

One module a skill. Knows no rule of the order process, no SQL and no sentence: rules are in `deskhand.orders` and the
process files, sentences in domain.yml, labels of cards in processes/order_to_cash/cards.yml.
"""
