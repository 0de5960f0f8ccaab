import { spawnSync } from 'node:child_process'

function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

// without a branch to compare with (an archive, a shallow clone) there is nothing to ask
const base = ['origin/main', 'main'].find(name => git('merge-base', name, 'HEAD') !== undefined)
if (base) {
  const onBase = git('rev-parse', base) === git('rev-parse', 'HEAD')
  const { status } = spawnSync('changeset', ['status', ...(onBase ? [] : [`--since=${base}`])], { stdio: 'inherit' })
  process.exitCode = status ?? 1
} else {
  console.log('no main branch here to compare with')
}
