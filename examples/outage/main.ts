// A chain, an outage, streams that break in the middle of a sentence, and the answers going on: half a minute, in the terminal.
import { styleText } from 'node:util'
import { showBrokenStreams } from './broken-streams.ts'
import { showOutage } from './outage.ts'

const beatMs = Number(process.env.DEMO_BEAT_MS ?? 40)

console.log(`
${styleText('bold', 'Switchyard')}: two simulated providers behind one chain. No real model speaks here: every answer is simulated.

  ${styleText('cyan', 'demo')}  =  ${styleText('green', 'primary')}, then ${styleText('blue', 'backup')}

${styleText('bold', '1. An outage')}
`)
const survived = await showOutage(beatMs)

console.log(`${styleText('bold', '2. Streams that break in the middle of a sentence')}
`)
const seamless = await showBrokenStreams(beatMs)

process.exitCode = survived && seamless ? 0 : 1
