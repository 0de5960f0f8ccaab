import { expect, test } from 'vitest'
import { judgeSoak } from './judge-soak.ts'
import type { SoakRecord } from './run-soak.ts'
import type { Standing } from './standing.ts'

const rest: Standing = {
  heapBytes: 50_000_000,
  externalBytes: 0,
  sockets: 10,
  descriptors: 30,
  peers: {},
  resources: {},
  timers: 3,
  inFlight: 0,
  places: 0,
  circuits: 0,
}
const good: SoakRecord = {
  before: rest,
  during: { ...rest, heapBytes: 90_000_000, sockets: 80, descriptors: 100, timers: 60, inFlight: 20, places: 9 },
  after: rest,
  tally: { whole: 500, failed: 20, refused: 5, left: 60, codes: { exhausted: 25 }, wrong: [] },
  freezes: 12,
  exitCode: 0,
  seconds: 60,
}

const broken = (record: SoakRecord) => judgeSoak(record).flatMap(({ promise, kept }) => (kept ? [] : [promise]))

test('a soak after which everything is as before keeps its promises', () => {
  expect(broken(good)).toEqual([])
})

test.each<readonly [string, Partial<SoakRecord>]>([
  ['memory is back to where it began', { after: { ...rest, heapBytes: 57_000_000 } }],
  ['no more sockets than before', { after: { ...rest, sockets: 11 } }],
  ['no more file descriptors than before', { after: { ...rest, descriptors: 31 } }],
  ['no more timers than before', { after: { ...rest, timers: 4 } }],
  ['no attempt is on its way', { after: { ...rest, inFlight: 1 } }],
  ['no place is taken or waited for', { after: { ...rest, places: 1 } }],
  ['every circuit is closed', { after: { ...rest, circuits: 1 } }],
  [
    'nobody saw anything but the answer, or its beginning and an error',
    { tally: { ...good.tally, wrong: ['Say 1: ended with "x"'] } },
  ],
  ['all of it happened', { freezes: 0 }],
  ['all of it happened', { tally: { ...good.tally, left: 0 } }],
  ['the process ends by itself', { exitCode: null }],
])('%s: is seen where it is not so', (promise, change) => {
  expect(broken({ ...good, ...change })).toContain(promise)
})
