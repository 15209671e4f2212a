"""What is true in the café: the journal, the tables told from it, the till, the machines, the services."""
