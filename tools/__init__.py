"""What the command ``itsm`` runs. Standard library only: it makes the environment."""
