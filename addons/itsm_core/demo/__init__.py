"""The demo story: its texts and people, and what dates it relative to today.

Loaded by ``itsm.demo`` where demo data is wanted, and never imported otherwise.
"""
