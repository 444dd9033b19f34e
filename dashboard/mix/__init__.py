"""The parts of the plan mix page: each a card that draws itself from a view of the page."""
