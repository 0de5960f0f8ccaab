import { equal, match, ok } from 'node:assert/strict'
import { topic } from '../conformance.ts'
import { within } from '../eventually.ts'
import { failure } from '../expectations.ts'

export const verifyChecks = topic('verify', [
  [
    'verify accepts a good key, and costs nothing',
    async ({ provider, simulator }) => {
      await provider.initialize({ verify: true })
      ok(simulator.requestCount >= 1, 'nothing was asked')
      equal(simulator.bill.totals.requests, 0, 'the proof cost something')
    },
  ],
  [
    'verify tells a bad key, and to check it',
    async ({ create, simulator }) => {
      const wrong = await create({ apiKey: 'sk-wrong' })
      const { message } = await failure(wrong.initialize({ verify: true }), 'authentication')
      match(message, /key/i, `it does not say what to check: ${message}`)
      ok(message.includes(wrong.id), `it does not say which provider: ${message}`)
      ok(simulator.requests.every(request => !request.keyOk))
    },
  ],
  [
    'verify tells a key that may not, and to check what it may do',
    async ({ provider, simulator }) => {
      simulator.script({ type: 'status', kind: 'permission' })
      const { message } = await failure(provider.initialize({ verify: true }), 'permission')
      match(message, /key/i, `it does not say what to check: ${message}`)
    },
  ],
  [
    'verify tells a server that is away, and its address',
    async ({ create, at }) => {
      const away = await create({ baseURL: at('http://127.0.0.1:1') })
      const { message, code } = await failure(away.initialize({ verify: true }), 'network')
      equal(code, 'ECONNREFUSED')
      ok(message.includes('127.0.0.1:1'), `it does not say where it looked: ${message}`)
    },
  ],
  [
    'verify tells a web page in place of an API',
    async ({ provider, simulator }) => {
      simulator.script({ type: 'status', status: 200, body: '<html><title>Welcome</title></html>' })
      const { message } = await failure(provider.initialize({ verify: true }), 'protocol', 'not-found')
      match(message, /page|HTML|base URL/i, `it does not say what came: ${message}`)
      simulator.script({ type: 'status', status: 404, body: '<html><title>Not found</title></html>' })
      const missing = await failure(provider.initialize({ verify: true }), 'not-found', 'protocol')
      match(missing.message, /base URL|address|host/i, `it does not say what to check: ${missing.message}`)
    },
  ],
  [
    'verify ends when its signal does',
    async ({ provider, simulator, patienceMs }) => {
      simulator.script({ type: 'silence' })
      const abort = new AbortController()
      const verified = provider.initialize({ verify: true, signal: abort.signal })
      const ended = within(patienceMs, 'the rejection', failure(verified, 'aborted'))
      await Promise.all([simulator.waitForRequests(1, patienceMs).then(() => abort.abort()), ended])
    },
  ],
])
