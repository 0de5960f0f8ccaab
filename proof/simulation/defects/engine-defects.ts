import type { PlantedDefect } from './planted-defects.ts'

const breaker = 'packages/core/src/breaker'
const engine = 'packages/core/src/engine'

/** Of the engine. */
export const engineDefects: readonly Omit<PlantedDefect, 'simulation'>[] = [
  {
    name: 'half-open stuck after an ignored error',
    says: 'A probe that ended without a verdict keeps its place.',
    file: `${breaker}/circuit-breaker.ts`,
    find: "if (!state.end(permit) || outcome.type !== 'failure') return",
    put: "if (outcome.type === 'ignored' || !state.end(permit) || outcome.type !== 'failure') return",
  },
  {
    name: 'a late result of an earlier period',
    says: 'What was let through before a circuit opened and closed again counts for it.',
    file: `${breaker}/circuit-breaker.ts`,
    find: 'if (permit.generation === this.#states.generation) this.#count',
    put: 'if (permit.generation >= 0) this.#count',
  },
  {
    name: 'more probes than allowed at expiry',
    says: 'All who come when the open time is over are let through.',
    file: `${breaker}/circuit-breaker.ts`,
    find: 'if (state.isFull) return this.#refusal(state.name, now)',
    put: '',
  },
  {
    name: 'the shorter of two Retry-After',
    says: 'Of two deadlines the one that was told later holds, even if it is the earlier.',
    file: `${breaker}/circuit-breaker.ts`,
    find: 'this.#states.notBefore = Math.max(this.#states.notBefore, now + retryAfterMs)',
    put: 'this.#states.notBefore = now + retryAfterMs',
  },
  {
    name: 'counts of an idle hour ago',
    says: 'Where nothing came for long, the window keeps what it had.',
    file: `${breaker}/outcome-window.ts`,
    find: 'const stale = Math.min(sliceCount, latest - this.#latest)',
    put: 'const stale = (latest - this.#latest) % sliceCount',
  },
  {
    name: 'a probe that never settles',
    says: 'The permit of a call that its caller left is forgotten by the breaker.',
    file: `${engine}/target-breaker.ts`,
    find: 'permit.settle(now, outcomeFor(guard.health, outcome, health))',
    put: "if (outcome.type !== 'cancelled') permit.settle(now, outcomeFor(guard.health, outcome, health))",
  },
  {
    name: 'an abort counted as a failure',
    says: 'A caller who leaves opens circuits.',
    file: `${engine}/target-breaker.ts`,
    find: "if (outcome.type !== 'failed') return ignored",
    put: "if (outcome.type === 'cancelled') return { type: 'failure', retryAfterMs: undefined }\n  if (outcome.type !== 'failed') return ignored",
  },
  {
    name: 'in-flight calls in the denominator',
    says: 'Calls that have not ended count as calls that ended well.',
    file: `${breaker}/circuit-breaker.ts`,
    find: "if (state.name === 'closed') return new Permit(",
    put: "if (state.name === 'closed') this.#states.window.record(now, 'success')\n    if (state.name === 'closed') return new Permit(",
  },
  {
    name: 'a permit leaked on cancel',
    says: 'A permit that comes after its caller has left is not given back.',
    file: `${engine}/admission.ts`,
    find: 'if (this.#settled) giveBack(() => permit.settle(withdrawn, now))',
    put: '',
  },
  {
    name: 'a place leaked on cancel',
    says: 'Where so many run at once, a call that its caller left keeps its place.',
    file: 'packages/core/src/concurrency/concurrency-slot.ts',
    find: 'this.#limit.release(outcome',
    put: "if (outcome.type !== 'cancelled') this.#limit.release(outcome",
  },
  {
    name: 'retry after commit',
    says: 'A stream that is to fail where it breaks is asked for again.',
    file: `${engine}/answer.ts`,
    find: '!this.#options.continues || ',
    put: '',
  },
  {
    name: 'continued after a tool call',
    says: 'An answer that had shown a tool call is gone on with by another.',
    file: 'packages/core/src/continuation/shown-answer.ts',
    find: "obstacle ??= 'a tool call had been shown'",
    put: '',
  },
  {
    name: 'both hedges deliver',
    says: 'Of two attempts side by side each shows what it has.',
    file: `${engine}/answer.ts`,
    find: 'return this.#giver === attempt\n',
    put: 'return true\n',
    also: {
      file: 'packages/core/src/hedging/race.ts',
      find: 'this.#leave(this.contenders.filter(contender => contender.attempt !== attempt))',
      put: '',
    },
  },
  {
    name: 'a hedge loser is not cancelled',
    says: 'Who was slower goes on unseen, and is paid for.',
    file: 'packages/core/src/hedging/race.ts',
    find: 'this.#leave(this.contenders.filter(contender => contender.attempt !== attempt))',
    put: '',
  },
  {
    name: 'the splice is unchecked',
    says: 'Who goes on with an answer is believed to use the same words.',
    file: 'packages/core/src/continuation/splice.ts',
    find: 'this.#expected.filter(expected => agrees(expected, from, text))',
    put: 'this.#expected.filter(expected => agrees(expected, from, text) || true)',
  },
  {
    name: 'the idle timer runs during a pause',
    says: 'A consumer who takes his time is taken for a target that fell silent.',
    file: `${engine}/watchdog.ts`,
    find: 'if (!this.#reading) return this.#since + this.#limits.consumerIdleMs',
    put: 'if (!this.#reading) return this.#since + this.#limits.idleMs',
  },
  {
    name: 'settled at stream open',
    says: 'An attempt is settled as soon as its stream is there.',
    file: `${engine}/message-attempt.ts`,
    find: 'reading: () => this.#watchdog.reading(),',
    put: `reading: () => {
        void this.#attempt.admission.settle({ type: 'completed', durationMs: 0 }, this.#ports.clock.monotonic())
        this.#watchdog.reading()
      },`,
  },
  {
    name: 'a stall is waited for',
    says: 'The silence of a target that has begun is not seen.',
    file: `${engine}/watchdog.ts`,
    find: 'this.#since + idleMs',
    put: 'this.#since + 10 * idleMs',
  },
  {
    name: 'the order begins anew',
    says: 'Where circuits refuse to go on with an answer, targets that have failed are asked again before their time.',
    file: `${engine}/failover.ts`,
    find: '|| this.#begun ',
    put: '',
  },
  {
    name: 'a withheld answer is not billed',
    says: 'An answer that could not be settled is missing from the bill of the one that took its place.',
    file: `${engine}/message-ending.ts`,
    find: 'attempt.call.billed.push(...ownBill(attempt, billed, usage))',
    put: '',
  },
  {
    name: 'error after finish',
    says: 'Who reads on after the end is told that it never came.',
    file: 'packages/core/src/contract/stream.ts',
    find: "batch[batch.length - 1]?.type === 'finish' ? 'ended' : 'idle'",
    put: "'idle'",
  },
  {
    name: 'backoff past the deadline',
    says: 'A wait begins that the request does not live to see the end of.',
    file: `${engine}/next-step.ts`,
    find: ' || now + delayMs >= attempt.call.deadline',
    put: '',
  },
  {
    name: 'jitter with min and max swapped',
    says: 'The wait is the lesser of the jitter and the Retry-After.',
    file: `${engine}/retry-policy.ts`,
    find: 'return Math.max(random() * ceiling, retryAfterMs ?? 0)',
    put: 'return Math.min(random() * ceiling, retryAfterMs ?? Number.POSITIVE_INFINITY)',
  },
]
