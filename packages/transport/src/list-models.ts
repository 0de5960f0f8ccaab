import { type ErrorKind, isSwitchyardError, type ModelInfo, SwitchyardError } from '@switchyard/core/contract'
import type { Sent } from './provider-calls.ts'
import type { AnswerFacts, ModelListing } from './wire-protocol.ts'

/** Asks one question, and reads its answer. */
type Ask = <Answer>(
  call: Sent,
  model: string | undefined,
  read: (body: unknown, facts: AnswerFacts) => Answer,
) => Promise<Answer>

// a list has a few; a server that always names another one would keep us for ever
const mostPages = 1_000

/** All pages of a list, with what is said of each model alone. @throws {SwitchyardError} `protocol` where it never ends. */
export async function listModels(listing: ModelListing, ask: Ask): Promise<readonly ModelInfo[]> {
  const found: ModelInfo[] = []
  const asked = new Set<string>()
  let path: string | undefined = listing.path
  while (path !== undefined && !asked.has(path)) {
    if (asked.size === mostPages) {
      throw new SwitchyardError('protocol', `The server's list of models goes on after ${mostPages} pages.`)
    }
    asked.add(path)
    const page: Page = await ask({ path }, undefined, (body, facts) => ({
      models: listing.read(body, facts),
      next: listing.nextPage?.(body),
    }))
    found.push(...page.models)
    path = page.next
  }
  const { details } = listing
  if (details === undefined) return found
  return mapInTurn(found, async model => {
    try {
      return await ask(details.encode(model), model.id, body => details.read(body, model))
    } catch (error) {
      // one that went meanwhile, or that the server cannot tell of, is no reason to list none
      if (isSwitchyardError(error) && aboutTheModel.has(error.kind)) return model
      throw error
    }
  })
}

const aboutTheModel: ReadonlySet<ErrorKind> = new Set(['not-found', 'invalid-request', 'unavailable', 'protocol'])

interface Page {
  readonly models: readonly ModelInfo[]
  readonly next: string | undefined
}

// a list of models is short, and its server may be small
const questionsAtOnce = 4

async function mapInTurn<Item, Result>(
  items: readonly Item[],
  map: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  const entries = items.entries()
  let failed = false
  const worker = async (): Promise<void> => {
    for (const [at, item] of entries) {
      if (failed) return
      try {
        results[at] = await map(item)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: questionsAtOnce }, worker))
  return results
}
