#!/usr/bin/env node
import { loadConfig, localOllama } from '@switchyard/config'
import { EventHub, isSwitchyardError } from '@switchyard/core'
import pino from 'pino'
import { help, parseCommandLine } from './command-line.ts'
import { logEvents } from './event-log.ts'
import { greeting } from './greeting.ts'
import type { RequestRecord } from './request-log.ts'
import { type Gateway, startGateway } from './start-gateway.ts'

const command = parseCommandLine(process.argv.slice(2))
if (command.type === 'help') process.stdout.write(help)
else if (command.type === 'mistake') {
  process.stderr.write(`switchyard-gateway: ${command.message}\n`)
  process.exitCode = 2
} else {
  try {
    await serve(command)
  } catch (error) {
    if (!isSwitchyardError(error)) throw error
    const cure = error.code === 'data-directory' ? ' SWITCHYARD_DATA_DIR names another.' : ''
    process.stderr.write(`switchyard-gateway: ${error.message}${cure}\n`)
    process.exitCode = 1
  }
}

async function serve({ config: named, host, port }: Extract<typeof command, { type: 'serve' }>): Promise<void> {
  const { config, file, notes } = await loadConfig({
    environment: process.env,
    findOllama: localOllama,
    ...(named !== undefined && { file: named }),
  })
  // lines wait for each other for up to a second, off the path of requests
  const destination = pino.destination({ dest: 1, sync: false, minLength: 4_096, periodicFlush: 1_000 })
  // a log that nobody reads any more is no reason to stop serving
  destination.on('error', () => {})
  const log = pino({ base: null }, destination)
  const events = new EventHub()
  logEvents(events, log)
  const { SWITCHYARD_DATA_DIR: dataDirectory } = process.env
  const gateway = await startGateway({
    config,
    events,
    ...(dataDirectory && { dataDirectory }),
    log: record => logRequest(log, record),
    onLedgerError: error => log.error({ event: 'ledger-failed', message: error.message }),
    onTargetMemoryError: error => log.warn({ event: 'target-memory-failed', message: error.message }),
    ...(file !== undefined && { file }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
  })
  // before anybody can know that it serves
  stopOnSignal(gateway, () => destination.flushSync())
  process.stdout.write(greeting(gateway, notes))
}

function logRequest(log: pino.Logger, { defect, ...record }: RequestRecord): void {
  if (defect === undefined) log.info(record)
  else log.error({ ...record, err: defect })
}

const oneGestureMs = 500

function stopOnSignal(gateway: Gateway, flush: () => void): void {
  let stoppingSince: number | undefined
  const stop = (signal: NodeJS.Signals): void => {
    if (stoppingSince !== undefined) {
      // one Ctrl-C reaches us from the terminal and again from the package manager that started us;
      // whoever asks a second time does not want to wait
      if (performance.now() - stoppingSince > oneGestureMs) process.exit(signal === 'SIGINT' ? 130 : 143)
      return
    }
    stoppingSince = performance.now()
    process.stderr.write(`${signal}: finishing what is running; once more stops at once.\n`)
    gateway.close().then(
      () => {
        flush()
        process.exit(0)
      },
      error => {
        process.stderr.write(`switchyard-gateway: stopping failed: ${(error as Error).message}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}
