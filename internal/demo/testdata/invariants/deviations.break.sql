-- A lot that was destroyed is said to have been released.
UPDATE hold SET disposition = NULL WHERE disposition = 'DESTROY'
