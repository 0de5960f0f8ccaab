import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { until } from '../fleet/child-process.ts'
import { socketPeers } from './socket-peers.ts'

/** What a gateway holds on to. */
export interface Standing {
  readonly heapBytes: number
  readonly externalBytes: number
  /** File descriptors that are sockets, its own and those of its libraries. */
  readonly sockets: number
  readonly descriptors: number
  /** Where its sockets lead: `{ alpha: 2, clients: 1, listening: 1 }`. */
  readonly peers: Readonly<Record<string, number>>
  /** What keeps its event loop busy, by kind. */
  readonly resources: Readonly<Record<string, number>>
  /** Timers that are set. */
  readonly timers: number
  /** Attempts on their way, as the engine counts them. */
  readonly inFlight: number
  /** Places taken and waited for, of limits on what runs at once. */
  readonly places: number
  /** Circuits that are not closed. */
  readonly circuits: number
}

interface Probed {
  readonly heapBytes: number
  readonly externalBytes: number
  readonly resources: Readonly<Record<string, number>>
}

interface TargetsBody {
  readonly targets: readonly {
    readonly inFlight: number
    readonly circuits: Readonly<Record<string, { readonly state: string }>>
    readonly concurrency: readonly { readonly name: string; readonly inFlight: number; readonly queued: number }[]
  }[]
}

/** Counts it all, after a garbage collection. */
export async function standingOf(
  gateway: { readonly pid: number; readonly url: string },
  probeFile: string,
  ports: Readonly<Record<number, string>>,
): Promise<Standing> {
  const { targets } = (await (
    await fetch(`${gateway.url}/admin/targets`, { headers: { connection: 'close' } })
  ).json()) as TargetsBody
  rmSync(probeFile, { force: true })
  process.kill(gateway.pid, 'SIGUSR2')
  let probed: Probed | undefined
  await until('the gateway has counted', 20_000, () => {
    try {
      probed = JSON.parse(readFileSync(probeFile, 'utf8')) as Probed
      return true
    } catch {
      return false
    }
  })
  const { heapBytes, externalBytes, resources } = probed as unknown as Probed
  const descriptors = descriptorsOf(gateway.pid)
  const limits = new Map(targets.flatMap(({ concurrency }) => concurrency.map(limit => [limit.name, limit])))
  return {
    heapBytes,
    externalBytes,
    sockets: descriptors.filter(name => name.startsWith('socket:')).length,
    descriptors: descriptors.length,
    peers: socketPeers(gateway.pid, descriptors, ports),
    resources,
    timers: (resources.Timeout ?? 0) + (resources.Immediate ?? 0),
    inFlight: targets.reduce((sum, target) => sum + target.inFlight, 0),
    places: [...limits.values()].reduce((sum, { inFlight, queued }) => sum + inFlight + queued, 0),
    circuits: targets.flatMap(({ circuits }) => Object.values(circuits)).filter(({ state }) => state !== 'closed')
      .length,
  }
}

function descriptorsOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).flatMap(number => {
    try {
      return [readlinkSync(`${folder}/${number}`)]
    } catch {
      return []
    }
  })
}
