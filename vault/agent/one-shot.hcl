# Of `migrate`: the agent ends when it has rendered its files.
exit_after_auth = true
