import type { IncomingHttpHeaders } from 'node:http'
import { type CallContext, parseMoney, SwitchyardError } from '@switchyard/core'
import type { Caller } from './callers.ts'

/** What a request's headers and its key say of a call. @throws {SwitchyardError} `invalid-request`, naming the header. */
export function callContext(headers: IncomingHttpHeaders, caller: Caller): CallContext {
  const { traceparent } = headers
  const tags = [...new Set([...caller.tags, ...tagsIn(headers)])]
  const maxCost = maxCostIn(headers)
  const task = taskIn(headers)
  return {
    // one that is malformed is as good as none, says its standard
    ...(typeof traceparent === 'string' && traceParent.test(traceparent) && { traceParent: traceparent }),
    ...(isStrict(headers) && { strict: true }),
    ...(caller.name !== undefined && { principal: caller.name }),
    ...(tags.length > 0 && { tags }),
    ...(maxCost !== undefined && { maxCost }),
    ...(task !== undefined && { task }),
  }
}

const traceParent = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

function isStrict(headers: IncomingHttpHeaders): boolean {
  const strict = headers['x-switchyard-strict']
  if (strict === 'true') return true
  if (strict === undefined || strict === 'false') return false
  throw wrong('x-switchyard-strict', 'must be true or false')
}

const tagPattern = /^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,63}$/
const mostTags = 16

function tagsIn(headers: IncomingHttpHeaders): readonly string[] {
  const written = headers['x-switchyard-tags']
  if (written === undefined) return []
  const tags = String(written)
    .split(',')
    .map(tag => tag.trim())
  if (tags.length > mostTags) throw wrong('x-switchyard-tags', `holds more than ${mostTags} tags`)
  if (tags.every(tag => tagPattern.test(tag))) return tags
  throw wrong(
    'x-switchyard-tags',
    'must be tags with commas between them, each of at most 64 letters, digits and any of . _ : @ / -',
  )
}

function taskIn(headers: IncomingHttpHeaders): string | undefined {
  const task = headers['x-switchyard-task']
  if (task === undefined || tagPattern.test(String(task))) return task === undefined ? undefined : String(task)
  throw wrong('x-switchyard-task', 'must be one word of at most 64 letters, digits and any of . _ : @ / -')
}

function maxCostIn(headers: IncomingHttpHeaders): bigint | undefined {
  const written = headers['x-switchyard-max-cost']
  if (written === undefined) return undefined
  const amount = parseMoney(String(written))
  if (!amount) throw wrong('x-switchyard-max-cost', 'must be an amount above 0, such as 0.10 USD')
  return amount
}

function wrong(header: string, what: string): SwitchyardError {
  return new SwitchyardError('invalid-request', `The header ${header} ${what}.`, { param: header })
}
