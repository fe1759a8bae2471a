-- Nothing is split any more.
UPDATE transformation SET kind = 'PROCESS' WHERE kind = 'SPLIT'
