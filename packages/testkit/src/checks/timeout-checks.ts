import { equal, ok } from 'node:assert/strict'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { isSwitchyardError, responseText } from '@switchyard/core/contract'
import { topic } from '../conformance.ts'
import { eventually } from '../eventually.ts'
import { answerTo, asking, failure, send } from '../expectations.ts'
import { Stopwatch } from '../stopwatch.ts'

export const timeoutChecks = topic('timeouts', [
  [
    'a server that stays silent is a timeout of the headers, and its socket closes',
    async bench => {
      for (const stream of [true, false]) {
        bench.simulator.script({ type: 'silence' })
        const request = asking(bench, 'Hi', { stream })
        const watch = await Stopwatch.start()
        const error = await failure(send(bench, request, { timeouts: { headersMs: 80 } }), 'timeout')
        const { tookMs, waitedMs } = watch.stop()
        equal(error.phase, 'headers')
        ok(tookMs >= 70 && tookMs < 500 + waitedMs, `it took ${Math.round(tookMs)} ms`)
        await bench.simulator.waitForClose(undefined, bench.patienceMs)
      }
    },
  ],
  [
    'the limit of the headers says nothing about the body',
    async bench => {
      // a busy machine may well take a short limit for its headers, but no long one
      const limits = [100, 400, 1_600]
      for (const ms of limits) {
        bench.simulator.script([
          { type: 'answer', text: 'one two' },
          { type: 'slow-first-event', ms: ms * 1.5 },
        ])
        try {
          const answer = await answerTo(bench, 'Hi', { timeouts: { headersMs: ms, connectMs: ms } })
          return equal(responseText(answer), 'one two')
        } catch (error) {
          if (!isSwitchyardError(error, 'timeout') || ms === limits.at(-1)) throw error
        }
      }
    },
  ],
  [
    'headers that come in time are no timeout',
    async bench => {
      bench.simulator.script([
        { type: 'answer', text: 'late' },
        { type: 'slow', ms: 60 },
      ])
      equal(responseText(await answerTo(bench, 'Hi', { timeouts: { headersMs: bench.patienceMs } })), 'late')
    },
  ],
  [
    'a connection that never becomes ready is a timeout of the connection',
    async bench => {
      const sockets = new Set<Socket>()
      // it takes the connection and never says a word of TLS
      const server = createServer(socket => {
        sockets.add(socket)
        socket
          .resume()
          .on('error', () => {})
          .on('close', () => sockets.delete(socket))
      })
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      try {
        const { port } = server.address() as AddressInfo
        const provider = await bench.create({ baseURL: bench.at(`https://127.0.0.1:${port}`) })
        const call = provider.sendMessage(asking(bench, 'Hi'), { timeouts: { connectMs: 100, headersMs: 5_000 } })
        equal((await failure(call, 'timeout')).phase, 'connect')
        await provider.dispose()
        await eventually(() => equal(sockets.size, 0, 'the socket is still open'), bench.patienceMs)
      } finally {
        for (const socket of sockets) socket.destroy()
        server.close()
      }
    },
  ],
  [
    'a server that is away is a failure of the network, with its code',
    async bench => {
      const away = await bench.create({ baseURL: bench.at('http://127.0.0.1:1') })
      equal((await failure(away.sendMessage(asking(bench, 'Hi')), 'network')).code, 'ECONNREFUSED')
      const nowhere = await bench.create({ baseURL: bench.at('http://switchyard.invalid') })
      await failure(nowhere.sendMessage(asking(bench, 'Hi'), { timeouts: { connectMs: 3_000 } }), 'network')
    },
  ],
])
