import type { JsonObject } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { isObject, type JsonDraft } from '../json.ts'

const most = 4

/** Keeps as many cache hints as the server takes, in an order of lifetimes that it takes. */
export function limitBreakpoints(body: JsonDraft, dropped: Dropped): void {
  const inBlocks = breakpoints(body).length
  if (inBlocks === 0) return
  // the request's own hint stands at its end
  const total = inBlocks + (isObject(body.cache_control) ? 1 : 0)
  let at = 0
  let shortSeen = false
  const inOrder = (block: JsonObject): JsonObject => {
    const { cache_control: control } = block
    if (!isObject(control) || control.ttl !== '1h') {
      shortSeen = true
      return block
    }
    if (!shortSeen) return block
    dropped.add('cache', 'a lifetime of "1h" may not come after a shorter one; that one is asked for instead')
    return { ...block, cache_control: { ...control, ttl: '5m' } }
  }
  rewrite(body, block => {
    const isOver = at++ < total - most
    if (!isOver) return inOrder(block)
    const { cache_control: _, ...rest } = block
    return rest
  })
  if (isObject(body.cache_control)) Object.assign(body, inOrder({ cache_control: body.cache_control }))
  if (total > most) dropped.add('cache', `the server takes ${most} cache hints; the last ones are sent`)
}

function breakpoints(body: JsonDraft): readonly JsonObject[] {
  const found: JsonObject[] = []
  rewrite(body, block => {
    found.push(block)
    return block
  })
  return found
}

/** Goes through the hinted blocks in the order in which they are cached. */
function rewrite(body: JsonDraft, change: (block: JsonObject) => JsonObject): void {
  const changed = (list: unknown): readonly JsonObject[] | undefined => {
    if (!Array.isArray(list)) return undefined
    return list.some(isHinted) ? list.map(each) : list
  }
  const each = (block: JsonObject): JsonObject => {
    const content = block.type === 'tool_result' ? changed(block.content) : undefined
    const inner = content === undefined || content === block.content ? block : { ...block, content }
    return isObject(block.cache_control) ? change(inner) : inner
  }
  if (body.tools !== undefined) body.tools = changed(body.tools)
  if (Array.isArray(body.system)) body.system = changed(body.system)
  body.messages = (body.messages as readonly JsonObject[]).map(message => {
    const content = changed(message.content)
    return content === undefined || content === message.content ? message : { ...message, content }
  })
}

function isHinted(block: JsonObject): boolean {
  if (isObject(block.cache_control)) return true
  return block.type === 'tool_result' && Array.isArray(block.content) && block.content.some(isHinted)
}
