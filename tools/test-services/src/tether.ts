import { type ChildProcess, spawn } from 'node:child_process'

// reads pids until our end of the pipe is gone, however we died, then kills what is left; a stopped process too
const guardianScript = `
pids=' '
while read -r verb pid; do
  case $verb in
    hold) pids="$pids$pid " ;;
    free) case $pids in *" $pid "*) pids="\${pids%% $pid *} \${pids#* $pid }" ;; esac ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
`

let guardian: ChildProcess | undefined

/** Sees that a child process dies with this one, even by SIGKILL. Ends by itself when the child has ended. */
export function tether(child: ChildProcess): void {
  const { pid } = child
  if (pid === undefined) return
  if (guardian === undefined) {
    guardian = spawn('sh', ['-c', guardianScript], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
    guardian.unref()
    ;(guardian.stdin as unknown as { unref(): void }).unref()
  }
  const { stdin } = guardian
  stdin?.write(`hold ${pid}\n`)
  child.once('exit', () => stdin?.write(`free ${pid}\n`))
}
