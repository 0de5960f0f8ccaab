const stages = ['waiting', 'reserving', 'sent', 'answering', 'committing']

const events = [
  'its caller aborts',
  'its process dies',
  'its lease expires',
  'its clock jumps',
  'its clock jumps past the lease',
  'the window ends',
  'timer',
  'ledger: takeSlab answer',
  'ledger: takeSlab refused',
  'ledger: takeSlab answer lost',
  'ledger: commit answer',
  'ledger: commit refused',
  'ledger: commit answer lost',
  'ledger: closeSlab answer',
  'ledger: closeSlab refused',
  'ledger: closeSlab answer lost',
  'vendor: finish',
  'vendor: refuses',
  'vendor: cut',
]

// whose process waits for a slab may be waiting for it
const impossible = /^waiting x ledger: takeSlab/

// a call's own end of a stream, and of its sending, come in one stage alone
const own = [
  'sent x vendor: accepts',
  'sent x vendor: reset',
  'sent x vendor: is not reached',
  'answering x vendor: chunk',
  'answering x vendor: end',
]

/** What must have happened to a call in each of its stages, in a run of the tests: `stage x event`. */
export const requiredPairs: readonly string[] = [
  ...stages.flatMap(stage => events.map(event => `${stage} x ${event}`)).filter(pair => !impossible.test(pair)),
  ...own,
]
