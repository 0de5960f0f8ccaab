// thrown away when the accounting is there
import { formatMoney, type LedgerRecord, namesFor, SwitchyardError } from '@switchyard/core'
export function createMemoryLedger(_: unknown): any {
  const windows = new Map<string, any>()
  const slabs = new Map<string, any>()
  const done = new Set<string>()
  const alerts = new Set<string>()
  let next = 0
  const win = (k: any) => {
    const key = `${k.budget} ${k.window}`
    if (!windows.has(key))
      windows.set(key, { budget: k.budget, window: k.window, settled: 0n, reserved: 0n, charged: 0n })
    return windows.get(key)
  }
  return {
    async takeSlab(ask: any) {
      const w = win(ask)
      const free = ask.limit - w.settled - w.reserved - w.charged
      if (free < ask.least) return { granted: false, state: { ...w } }
      const amount = free / 2n > ask.least ? (free / 2n < ask.most ? free / 2n : ask.most) : ask.least
      w.reserved += amount
      const slab = `s${next++}`
      slabs.set(slab, { w, left: amount, state: 'open' })
      return { granted: true, slab, amount }
    },
    async closeSlab(slab: string) {
      const s = slabs.get(slab)
      if (s === undefined || s.state === 'closed') return
      if (s.state === 'open') s.w.reserved -= s.left
      else s.w.charged -= s.left
      s.left = 0n
      s.state = 'closed'
    },
    async commit(r: LedgerRecord) {
      const id = r.attempt?.id ?? r.request?.id ?? ''
      if (done.has(id)) return
      done.add(id)
      for (const c of r.charges) {
        const w = win(c)
        w.settled += c.amount
        for (const u of c.slabs) {
          const s = slabs.get(u.slab)
          s.left -= u.amount
          if (s.state === 'open') s.w.reserved -= u.amount
          else if (s.state === 'expired') s.w.charged -= u.amount
        }
      }
    },
    async budgets(ks: any[]) {
      return ks.map(k => ({ ...win(k) }))
    },
    async alertOnce(w: any, t: string) {
      const k = `${w.budget} ${w.window} ${t}`
      if (alerts.has(k)) return false
      alerts.add(k)
      return true
    },
    expireSlab(slab: string) {
      const s = slabs.get(slab)
      if (s?.state !== 'open') return
      s.state = 'expired'
      s.w.reserved -= s.left
      s.w.charged += s.left
    },
  }
}
const startOf = (w: string, at: number) => (w === 'hour' ? at - (at % 3600000) : w === 'day' ? at - (at % 86400000) : 0)
export function createAccounting(o: any): any {
  const { pricing, store, budgets, holdings, clock } = o
  const parked: (() => Promise<void>)[] = []
  const pending = new Set<Promise<unknown>>()
  const track = <T>(p: Promise<T>): Promise<T> => {
    pending.add(p)
    void p.catch(() => 0).then(() => pending.delete(p))
    return p
  }
  const retry = (work: () => Promise<void>): Promise<void> => {
    let tries = 0
    const once = (): Promise<void> =>
      work().catch(async e => {
        if (++tries > 20) throw e
        await new Promise<void>(r => clock.timer(100, r))
        return once()
      })
    return track(once())
  }
  return {
    step: {
      async admit(info: any) {
        if (info.nested || info.operation === 'count-tokens') return { settle() {} }
        const at = clock.wall()
        const names = namesFor(holdings, info)
        const est = pricing.estimate(info.request, info.target, { at })
        const took: any[] = []
        for (const name of names) {
          const b = budgets.find((x: any) => x.name === name)
          const ask = {
            budget: name,
            window: startOf(b.window, at),
            limit: b.kind === 'soft' ? 10n ** 18n : b.limit,
            least: est.bound,
            most: est.bound,
          }
          const give = () => {
            for (const t of took) void retry(() => store.closeSlab(t.slab)).catch(() => 0)
          }
          let ans: any
          try {
            ans = await track(store.takeSlab(ask))
          } catch (e) {
            give()
            throw e
          }
          if (!ans.granted) {
            give()
            throw new SwitchyardError('budget-exceeded', 'low')
          }
          took.push({ ...ask, slab: ans.slab })
        }
        const permit: any = {
          async settle(outcome: any) {
            if (outcome.type === 'withdrawn') {
              for (const t of took) void retry(() => store.closeSlab(t.slab)).catch(() => 0)
              return
            }
            const usage = outcome.usage
            const cost = usage
              ? pricing.cost(usage, info.target, at).total
              : outcome.bill === 'nothing'
                ? 0n
                : est.bound
            const costIs = usage ? 'bill' : outcome.bill === 'nothing' ? 'nothing' : 'bound'
            permit.charge = { cost: formatMoney(cost), ...(costIs === 'bound' && { isBound: true }) }
            const record = {
              attempt: {
                id: info.id,
                requestId: info.requestId,
                target: info.target,
                attempt: info.attempt,
                cost,
                costIs,
              },
              charges: took.map(t => ({
                budget: t.budget,
                window: t.window,
                amount: cost,
                slabs: [{ slab: t.slab, amount: cost < est.bound ? cost : est.bound }],
              })),
            }
            await retry(() => store.commit(record as any))
            for (const t of took) void retry(() => store.closeSlab(t.slab)).catch(() => 0)
          },
        }
        return permit
      },
    },
    recorder: {
      ended: (end: any) =>
        retry(() => store.commit({ request: { id: end.callId, requestId: end.requestId }, charges: [] } as any)),
    },
    async dispose() {
      while (pending.size > 0) await Promise.allSettled([...pending])
    },
    parked,
  }
}
export type Accounting = any
