import { styleText } from 'node:util'
import { isSwitchyardError } from '@switchyard/core'
import type { Fault } from '@switchyard/simulator'
import { createScene, spoken } from './scene.ts'

interface Break {
  readonly says: string
  /** What the primary does, at this event of its stream. */
  readonly fault: Fault
  /** What the backup would say, where that is something else. */
  readonly otherwise?: string
  /** The backup goes on from a text that it is given. */
  readonly prefill?: boolean
}

const breaks: readonly Break[] = [
  {
    says: 'The primary closes its stream. The backup is given the text so far, and goes on.',
    fault: { type: 'cut', atEvent: 18 },
    prefill: true,
  },
  {
    says: 'The primary falls silent. The backup says it all again; nothing is shown until it has passed that point.',
    fault: { type: 'stall', atEvent: 24 },
  },
  {
    says: 'The primary closes its stream, and the backup says something else.',
    fault: { type: 'cut', atEvent: 18 },
    otherwise: 'Trains leave at dawn, they say.',
  },
]

/** Three streams that break; settles with whether each ended as it has to. */
export async function showBrokenStreams(beatMs: number): Promise<boolean> {
  let kept = true
  for (const { says, fault, otherwise, prefill = false } of breaks) {
    await using scene = await createScene(beatMs, {
      reply: spoken,
      backupModel: prefill ? 'gpt-sim-prefill' : 'gpt-sim',
    })
    const { primary, backup, events } = scene
    let how = 'not at all'
    events.on('stream-continued', continued => {
      how = continued.how
    })
    primary.setFault([{ type: 'drip', ms: beatMs }, fault])
    if (otherwise !== undefined)
      backup.setFault([
        { type: 'drip', ms: beatMs },
        { type: 'other-text', text: otherwise },
      ])
    console.log(`  ${styleText('red', says)}\n`)
    const { shown, error } = await show(scene.chain)
    const verdict =
      otherwise === undefined ? exact(shown, how === (prefill ? 'prefill' : 'regenerate')) : refused(shown, error)
    kept &&= verdict.kept
    console.log(`\n\n  ${styleText(verdict.kept ? 'green' : 'red', verdict.says)}\n`)
  }
  return kept
}

/** Prints an answer as it comes, in the colour of whoever speaks, with a mark where that changes. */
async function show(chain: Awaited<ReturnType<typeof createScene>>['chain']) {
  let shown = ''
  let who: 'primary' | 'backup' = 'primary'
  process.stdout.write('  ')
  try {
    const stream = await chain.sendMessage({ messages: [{ role: 'user', content: 'When does the last train leave?' }] })
    for await (const chunk of stream) {
      if (chunk.type === 'target') {
        who = 'backup'
        process.stdout.write(styleText(['bold', 'yellow'], '|'))
      }
      if (chunk.type !== 'text-delta') continue
      shown += chunk.text
      process.stdout.write(styleText(who === 'primary' ? 'green' : 'blue', chunk.text))
    }
    return { shown }
  } catch (error) {
    return { shown, error }
  }
}

interface Verdict {
  readonly kept: boolean
  readonly says: string
}

function exact(shown: string, asSaid: boolean): Verdict {
  const kept = shown === spoken && asSaid
  const says = kept
    ? `Exact: ${shown.length} of ${spoken.length} characters, none twice and none lost. The | marks where the backup went on; the caller gets no such mark.`
    : `NOT the answer: ${JSON.stringify(shown)}`
  return { kept, says }
}

function refused(shown: string, error: unknown): Verdict {
  const told = isSwitchyardError(error) ? error : undefined
  const partial = told?.partial?.content.map(block => (block.type === 'text' ? block.text : '')).join('')
  const kept = told !== undefined && partial === shown && spoken.startsWith(shown)
  const says = kept
    ? `A clear error, and the ${shown.length} characters that were shown are in it: ${told.message}`
    : `NOT as it has to end: ${JSON.stringify(shown)} ${error}`
  return { kept, says }
}
