import { existsSync, readFileSync } from 'node:fs'

/** Where the TCP sockets of a process lead, counted: by the names of `ports`, `listening`, or the port itself. */
export function socketPeers(
  pid: number,
  descriptors: readonly string[],
  ports: Readonly<Record<number, string>>,
): Readonly<Record<string, number>> {
  const inodes = new Set(descriptors.flatMap(name => /^socket:\[(\d+)\]$/.exec(name)?.[1] ?? []))
  const peers: Record<string, number> = {}
  for (const table of [`/proc/${pid}/net/tcp`, `/proc/${pid}/net/tcp6`]) {
    if (!existsSync(table)) continue
    for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
      const [, local = '', remote = '', state, , , , , , inode = ''] = line.trim().split(/\s+/)
      if (!inodes.has(inode)) continue
      const name =
        state === listening ? 'listening' : (ports[portOf(remote)] ?? ports[portOf(local)] ?? `:${portOf(remote)}`)
      peers[name] = (peers[name] ?? 0) + 1
    }
  }
  return peers
}

const listening = '0A'

function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16)
}
