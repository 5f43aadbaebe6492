"""One module per workflow, one function per verb. A service changes things through an open unit of work.

It never commits: whoever opened the unit of work does (the turn, a command, a job). So the change, its
ledger entry and the outgoing messages stand or fall together with the update that caused them.
"""
