const states = ['waiting', 'sent', 'accepted', 'answering', 'paused', 'broken', 'continuing', 'hedged', 'settling']

// what may come at any time
const always = ['a timer', 'he aborts', 'his deadline comes', 'circuit-opened', 'gate: keeps it']

/** What comes only where somebody can be told it. */
const others: Readonly<Record<string, readonly string[]>> = {
  waiting: ['he asks', 'a vendor is asked', 'gate: lets it through', 'gate: refuses', 'gate: can not keep it'],
  admitting: ['a timer', 'he aborts', 'his deadline comes', 'gate: lets it through', 'gate: refuses', 'gate: keeps it'],
  sent: ['vendor: accepts', 'vendor: refuses', 'vendor: is not reached', 'vendor: ends it', 'vendor: is told to end'],
  accepted: [
    'vendor: begins with an error',
    'vendor: chunk',
    'vendor: cuts',
    'vendor: ends without an end',
    'vendor: finish',
    'vendor: is told to end',
    'vendor: speaks nonsense',
    'vendor: tells an error',
    'a vendor is asked',
  ],
  answering: [
    'vendor: chunk',
    'vendor: cuts',
    'vendor: ends without an end',
    'vendor: finish',
    'vendor: speaks nonsense',
    'vendor: tells an error',
  ],
  paused: [
    'he leaves',
    'he reads on',
    'vendor: chunk',
    'vendor: cuts',
    'vendor: ends without an end',
    'vendor: finish',
    'vendor: speaks nonsense',
    'vendor: tells an error',
  ],
  broken: ['a vendor is asked', 'gate: lets it through', 'gate: refuses', 'he leaves', 'he reads on'],
  continuing: [
    'vendor: accepts',
    'vendor: begins with an error',
    'vendor: chunk',
    'vendor: cuts',
    'vendor: ends it',
    'vendor: ends without an end',
    'vendor: finish',
    'vendor: is not reached',
    'vendor: refuses',
    'vendor: speaks nonsense',
    'vendor: tells an error',
  ],
  hedged: [
    'a vendor is asked',
    'vendor: accepts',
    'vendor: chunk',
    'vendor: cuts',
    'vendor: finish',
    'vendor: is told to end',
    'vendor: refuses',
    'vendor: tells an error',
  ],
  settling: ['gate: can not keep it', 'gate: lets it through'],
}

// circuits of calls that go on at a time: seldom, and with several callers alone
const circuits = ['waiting', 'accepted', 'paused', 'broken'].flatMap(state =>
  ['circuit-half-opened', 'circuit-closed', 'its chain is disposed'].map(event => `${state} x ${event}`),
)

/** What must have happened to a call in each of its states, in a run of the tests: `state x event`. */
export const requiredPairs: readonly string[] = [
  ...states
    .flatMap(state => always.map(event => `${state} x ${event}`))
    .filter(pair => !/^hedged x circuit/.test(pair)),
  ...Object.entries(others).flatMap(([state, events]) => events.map(event => `${state} x ${event}`)),
  ...circuits,
]
