import { type AttemptOutcome, type ErrorKind, type MessageChunk, responseText } from '@switchyard/core'
import type { World } from '../world/world.ts'
import type { Asked } from './engine-caller.ts'
import type { EnginePlan } from './engine-plan.ts'
import type { Gate, GatePass } from './gate.ts'
import { visibleOf } from './vendor-answer.ts'
import type { VendorCall } from './vendor-call.ts'

/** Everything that is judged by: what callers saw, what vendors did, what was let through. */
export interface EngineEvidence {
  readonly world: World
  readonly plan: EnginePlan
  readonly gate: Gate
  readonly callers: readonly Asked[]
  /** The most attempts that one request may make. */
  readonly attemptBound: number
}

/** What a target gets beyond first attempts: a burst, and one for each ten answers that ran to their end. */
const burst = 5
const share = 0.1
const hair = 1e-6

/** As a call is sent, before anything comes of it. */
export function judgeSend(evidence: EngineEvidence, asked: Asked, call: VendorCall): void {
  const { world, plan, gate, attemptBound } = evidence
  const { name } = asked.plan
  const where = `${name} at ${call.target}`
  const earlier = asked.calls.filter(other => other !== call)
  const open = earlier.filter(({ isOpen }) => isOpen).length
  if (open > (plan.hedge?.attempts ?? 0)) world.problem(`asked beside others: ${where}, ${open} are open already`)
  if (asked.calls.length > attemptBound) {
    world.problem(`too many attempts: ${asked.calls.length} of ${attemptBound} for ${name}`)
  }
  if (asked.over) world.problem(`asked after its end: ${where}`)
  if (asked.abortedAt !== undefined) world.problem(`asked after its abort: ${where}`)
  if (call.context.signal?.aborted) world.problem(`asked with a signal that is aborted: ${where}`)
  if (asked.shown !== '' && plan.midStream === 'fail') world.problem(`asked after commit: ${where}`)
  if (asked.shown.includes('<')) world.problem(`asked after a tool call was shown: ${where}`)
  const pass = gate.passFor(call)
  if (pass === undefined) world.problem(`sent without leave: ${where}`)
  else {
    pass.call = call
    judgeAttempts(evidence, pass)
    // the last vendor stands in two lists, and the second is no retry of the first
    if (!plan.lists || pass.info.attempt > 1) judgeRetryAfter(world, gate, pass, call)
    judgeExtras(evidence, pass)
    judgeConcurrency(evidence, pass)
    if (gate.passes.some(other => other !== pass && other.call !== undefined && other.info.id === pass.info.id)) {
      world.problem(`two attempts of one name: ${pass.info.id}, ${where}`)
    }
  }
}

/** A chain asks a target so often for one request; once more where it refuses to go on, to begin anew. */
function judgeAttempts({ world, plan, gate }: EngineEvidence, newest: GatePass): void {
  const { requestId, target } = newest.info
  const made = gate.passes.filter(other => isOneRequest(other, newest)).length
  const again = plan.vendors.some(vendor => vendor.target === target && vendor.prefill === true) ? 1 : 0
  const places = plan.lists && target === plan.vendors.at(-1)?.target ? 2 : 1
  const most = places * (plan.retry.attempts + again)
  if (made > most) world.problem(`too many attempts: ${made} of ${most} for ${requestId} at ${target}`)
}

/** Whoever was asked to wait waits, until he asks the same target again. */
function judgeRetryAfter(world: World, gate: Gate, pass: GatePass, call: VendorCall): void {
  const last = gate.passes.filter(other => isOneRequest(other, pass) && other.call !== call).at(-1)?.call
  if (!last?.failed || last.retryAfterMs === undefined) return
  const waited = world.now - last.failedAt
  if (waited < last.retryAfterMs - hair) {
    const where = `${call.requestId} at ${call.target}`
    world.problem(`a Retry-After is not kept: ${where} is asked after ${waited} ms of ${last.retryAfterMs}`)
  }
}

/** Attempts at one target, of one way through one chain: an outer chain may ask an inner one twice. */
function isOneRequest({ info, call }: GatePass, { info: other }: GatePass): boolean {
  const callOf = (id: string): string => id.slice(0, id.lastIndexOf('.'))
  return call !== undefined && info.target === other.target && callOf(info.id) === callOf(other.id)
}

/** No target gets more than it has earned, no request more hedges than it may have. */
function judgeExtras({ world, plan, gate }: EngineEvidence, newest: GatePass): void {
  const { requestId, target } = newest.info
  let earned = 0
  let extra = 0
  let hedges = 0
  for (const { info, call, process, isHedge, outcome } of gate.passes) {
    if (call === undefined || process !== newest.process) continue
    if (isHedge && info.requestId === requestId) hedges++
    const isHere = info.target === target
    // where there is hedging, answers that others begin earn for those who would be asked beside them
    if (isHere ? outcome?.type === 'completed' : plan.hedge !== undefined && call.opened) earned += share
    if (isHere && (info.attempt > 1 || isHedge)) extra++
  }
  if (extra > burst + earned + hair)
    world.problem(`a storm: ${extra} extra attempts at ${target}, which has ${burst + earned}`)
  if (hedges > (plan.hedge?.attempts ?? 0)) world.problem(`too many hedges: ${hedges} for ${requestId}`)
}

/** A target that bears so many at once has no more. */
function judgeConcurrency({ world, plan, gate }: EngineEvidence, { process }: GatePass): void {
  const { concurrency, vendors } = plan
  const target = vendors[0]?.target
  if (concurrency === undefined) return
  const running = gate.passes.filter(
    pass => pass.process === process && pass.info.target === target && pass.call?.isOpen && pass.outcome === undefined,
  )
  if (running.length > concurrency.limit) {
    world.problem(`too many at once: ${running.length} of ${concurrency.limit} at ${target}`)
  }
}

export interface RetryTold {
  readonly asked: Asked
  readonly target: string
  readonly delayMs: number
}

/** As a wait before a target is asked again begins. */
export function judgeWait({ world, plan, gate }: EngineEvidence, { asked, target, delayMs }: RetryTold): void {
  const call = asked.calls.filter(call => call.target === target).at(-1)
  const pass = gate.passes.find(pass => pass.call === call)
  if (call === undefined || pass === undefined) return
  const { baseDelayMs, maxDelayMs, maxRetryAfterMs } = plan.retry
  const ceiling = Math.min(maxDelayMs, baseDelayMs * 2 ** (pass.info.attempt - 1))
  const retryAfterMs = call.retryAfterMs ?? 0
  const words = `${delayMs} ms before ${asked.plan.name} asks ${target} again`
  if (delayMs < retryAfterMs) world.problem(`a wait shorter than the Retry-After: ${words}, and not ${retryAfterMs}`)
  if (delayMs > Math.max(ceiling, retryAfterMs)) world.problem(`a wait beyond its bounds: ${words}, at most ${ceiling}`)
  if (retryAfterMs > maxRetryAfterMs) world.problem(`a wait that nobody grants: ${words}`)
  if (delayMs > 0 && world.now + delayMs >= deadlineOf(plan, asked))
    world.problem(`a wait beyond the deadline: ${words}`)
}

function deadlineOf(plan: EnginePlan, asked: Asked): number {
  const ms = Math.min(plan.timeouts.totalMs, asked.plan.deadlineMs ?? Number.POSITIVE_INFINITY)
  // a pause of his uses nothing up
  return (asked.startedAt ?? 0) + ms + asked.pausedMs
}

/** As an attempt is settled. */
export function judgeSettlement(
  { world, plan, callers }: EngineEvidence,
  { info, call, outcome: before }: GatePass,
  outcome: AttemptOutcome,
): void {
  const where = `${info.requestId} at ${info.target}`
  if (before !== undefined) world.problem(`settled twice: ${where}, ${before.type} and ${outcome.type}`)
  if (outcome.type === 'failed' && outcome.error.kind === 'aborted') {
    world.problem(`an abort was called a failure: ${where}`)
  }
  if (call === undefined) {
    const isUnsent = outcome.type === 'withdrawn' || (outcome.type === 'cancelled' && outcome.bill === 'nothing')
    if (!isUnsent && !info.nested) world.problem(`settled unsent: ${where} is ${outcome.type}`)
    return
  }
  if (outcome.type === 'withdrawn') world.problem(`withdrawn after it was sent: ${where}`)
  if (outcome.type === 'completed' && !call.finished && !isAnsweredWhole(call)) {
    world.problem(`settled before its end: ${where}`)
  }
  if (call.isOpen) world.problem(`settled while its socket is open: ${where} is ${outcome.type}`)
  const asked = callers.find(({ plan: { name } }) => name === info.requestId)
  if (asked === undefined) return
  if (outcome.type === 'cancelled' && outcome.error.phase === 'consumer-idle') {
    // what was kept for him before he came is no reading of it
    const pausedMs = asked.reading ? 0 : world.now - call.readAt
    if (pausedMs < plan.timeouts.consumerIdleMs - hair) {
      world.problem(`a sleep that was none: ${where}, its caller paused for ${pausedMs} ms`)
    }
  }
  if (outcome.type !== 'failed') return
  const isBroken = call.manner === 'breaks its arguments' && outcome.error.kind === 'protocol'
  if (call.failed || isBroken || ours.has(outcome.error.kind)) return
  if (outcome.error.kind !== 'timeout') {
    world.problem(`a failure that no vendor made: ${where}, ${outcome.error.kind}`)
    return
  }
  judgeSilence(world, plan, call, outcome.error.phase, where)
}

// what we find fault with in an answer that the vendor takes for good
const ours = new Set<ErrorKind>(['unsupported'])

function judgeSilence(
  world: World,
  plan: EnginePlan,
  call: VendorCall,
  phase: string | undefined,
  where: string,
): void {
  const { firstTokenMs, idleMs } = plan.timeouts
  const since = phase === 'idle' ? call.readingSince : phase === 'first-token' ? call.sentAt : undefined
  if (since === undefined) {
    if (phase === 'idle') world.problem(`a silence that was none: ${where} fell silent, and nobody listened`)
    return
  }
  const silentMs = world.now - since
  const least = phase === 'idle' ? idleMs : firstTokenMs
  if (silentMs < least - hair) world.problem(`a silence that was none: ${where}, ${silentMs} ms of ${least} (${phase})`)
}

// an answer that is not streamed is read by its vendor's own stream
function isAnsweredWhole(call: VendorCall): boolean {
  return call.isWhole && call.finished
}

/** Before anything else happens: no silence and no sleep goes on for longer than its limit. */
export function judgePatience({ world, plan, callers }: EngineEvidence): void {
  const { firstTokenMs, idleMs, consumerIdleMs } = plan.timeouts
  for (const { calls, over } of callers) {
    if (over) continue
    for (const call of calls) {
      // nothing is seen of what is not streamed
      if (!call.isOpen || call.isWhole) continue
      const where = `${call.requestId} at ${call.target}`
      const silentSince = call.isAccepted ? call.readingSince : call.sentAt
      if (silentSince !== undefined) {
        const silentMs = world.now - silentSince
        if (silentMs > Math.max(firstTokenMs, idleMs) + hair) {
          world.problem(`a silence was not seen: ${where} says nothing for ${silentMs} ms`)
        }
      } else if (call.opened && world.now - call.readAt > consumerIdleMs + hair) {
        world.problem(`a sleep was not seen: ${where} is not read for ${world.now - call.readAt} ms`)
      }
    }
  }
}

/** As something is shown. */
export function judgeShown({ world, gate, plan }: EngineEvidence, asked: Asked, batch: readonly MessageChunk[]): void {
  const { name, whole } = asked.plan
  const open = asked.calls.filter(({ isOpen }) => isOpen)
  asked.shownBy = open.at(-1) ?? asked.shownBy
  // while nothing new is shown, a chain within may still look for who goes on
  if (open.length > 1 && visibleOf(batch) !== '')
    world.problem(`a loser is not cancelled: ${open.length} calls of ${name}`)
  const { shown, finished } = asked
  if (!asked.calls.some(({ arrived }) => arrived.startsWith(shown))) {
    world.problem(`no vendor's words: ${name} was shown "${shown}" of ${words(asked)}`)
  }
  if (!finished) return
  if (!asked.calls.some(({ answer, finished }) => finished && answer.visible === shown)) {
    world.problem(`no whole answer: ${name} was shown "${shown}" of ${words(asked)}`)
  }
  if (open.length > 0) world.problem(`finished while asking: ${open.length} calls of ${name}${whole ? ', whole' : ''}`)
  const passes = gate.passes.filter(({ info }) => info.requestId === name)
  const completed = passes.filter(({ outcome, isLost }) => outcome?.type === 'completed' && !isLost)
  const own = completed.filter(({ info }) => info.chains.length === 1)
  // where an outer chain could not keep an answer, the inner one that gave it is asked again
  if (own.length !== 1) world.problem(`shown before it was settled: ${name}, ${own.length} are completed`)
  if (!completed.some(({ call }) => call?.finished)) world.problem(`shown before it was settled: ${name}`)
  judgeBilled(world, asked)
  const isAnswer = (target: string): boolean =>
    passes.some(({ info, outcome }) => info.nested && info.target === target && outcome?.type === 'completed')
  // what a chain within still keeps of an answer that another has overtaken is its own matter
  if (completed.some(({ isKept, info }) => !isKept && info.chains.slice(1).every(isAnswer)))
    world.problem(`shown before it was kept: the end of ${name}`)
  const unsettled = passes.filter(({ outcome }) => outcome === undefined).length
  if (unsettled > 0 && plan.hedge === undefined) world.problem(`finished with ${unsettled} unsettled attempts: ${name}`)
}

/** At a finish: everything that was read of anybody is billed. */
function judgeBilled(world: World, { plan: { name }, calls, billed }: Asked): void {
  // a chain that was slower than another target is billed as one
  if (billed.some(({ target }) => !target.includes('/'))) return
  const opened = calls.filter(call => call.opened).length
  if (billed.length < opened) world.problem(`not all is billed: ${billed.length} of ${opened} attempts of ${name}`)
}

function words({ calls }: Asked): string {
  return JSON.stringify(calls.map(({ target, arrived }) => `${target}: ${arrived}`))
}

/** As a caller's request is over. */
export function judgeEnd({ world, plan }: EngineEvidence, asked: Asked): void {
  const { name, startMs } = asked.plan
  const { error, endedAt, abortedAt, shown, pausedMs } = asked
  // ports may take their time to settle what was begun, one for each chain
  const slackMs = 6 * plan.patienceMs
  const open = asked.calls.filter(({ isOpen }) => isOpen).length
  if (open > 0) world.problem(`sockets are open after the end: ${open} of ${name}`)
  if (endedAt > deadlineOf(plan, asked) + slackMs) {
    world.problem(`beyond its deadline: ${name} took ${endedAt - startMs} ms`)
  }
  if (abortedAt !== undefined && pausedMs === 0 && endedAt > abortedAt + slackMs) {
    world.problem(`an abort was heard late: ${name}, after ${endedAt - abortedAt} ms`)
  }
  judgeSurrender(world, plan, asked)
  if (error === undefined || error.kind === 'aborted' || shown === '') return
  if (error.partial === undefined) world.problem(`no partial answer: ${name} was thrown ${error.kind} after its text`)
  else {
    const told = responseText({ content: error.partial.content })
    const text = shown.split('<')[0]
    if (told !== text) world.problem(`another partial answer: ${name} was told "${told}" and shown "${text}"`)
  }
}

/** Nobody is told that there is no answer before everybody was asked who could give one. */
function judgeSurrender(world: World, plan: EnginePlan, { plan: { name }, calls, error, shown, skipped }: Asked): void {
  const isEnded = error === undefined || error.kind === 'aborted' || error.kind === 'timeout'
  if (isEnded || plan.lists || plan.gate.fails > 0 || plan.disposeMs !== undefined) return
  // an inner chain that has begun to answer is left as a whole
  if (plan.shape !== 'flat' || (plan.midStream === 'fail' && shown !== '')) return
  if (calls.some(({ arrived }) => arrived.includes('<'))) return
  if (calls.some(({ kind }) => kind !== undefined && final.has(kind))) return
  for (const { target } of plan.vendors) {
    if (calls.some(call => call.target === target) || skipped.has(target)) continue
    world.problem(`given up too early: ${name} was thrown ${error.kind}, and ${target} was not asked`)
  }
}

// what no other vendor would mend
const final = new Set<ErrorKind>(['invalid-request', 'content-filter'])

/** When all is quiet. */
export function judgeQuiet({ world, plan, gate, callers }: EngineEvidence): void {
  for (const asked of callers) {
    const { name } = asked.plan
    if (!asked.over) world.problem(`a hang: ${name} waits, and nothing will happen any more`)
    if (asked.abortedAt === undefined && asked.listeners !== 0) {
      world.problem(`listeners are left: ${asked.listeners} on the signal of ${name}`)
    }
    const open = asked.calls.filter(({ isOpen }) => isOpen).length
    if (open > 0) world.problem(`sockets are left: ${open} of ${name}`)
    if (asked.plan.isLast && !asked.finished && plan.disposeMs === undefined) {
      world.problem(`nobody answers, and all are well: ${name} was thrown ${asked.error}`)
    }
  }
  for (const { info, outcome } of gate.passes) {
    if (outcome === undefined) world.problem(`a permit is left: ${info.requestId} at ${info.target}`)
  }
}
