"""The office: receives the cafés' journals, tells figures from them, and shows them."""
