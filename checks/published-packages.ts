import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { publicPackages, type WorkspacePackage } from './workspace.ts'

// ours are ES modules only: what CommonJS and the resolution of Node 10 make of them is not asked
const esmOnly = new Set(['node10', 'node16-cjs'])

function concernsEsm(problem: Problem): boolean {
  if (problem.kind === 'CJSResolvesToESM') return false
  return !('resolutionKind' in problem && esmOnly.has(problem.resolutionKind))
}

/** What publint and "are the types wrong" say of a package as it would be published. */
async function publishedPackageProblems({ directory, manifest }: WorkspacePackage): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-pack-'))
  try {
    const path = join(folder, 'package.tgz')
    await promisify(execFile)('pnpm', ['pack', '--out', path], { cwd: directory })
    const tarball = new Uint8Array(readFileSync(path))
    const lint = await publint({ pack: { tarball: tarball.buffer }, strict: true })
    const types = await checkPackage(createPackageFromTarballData(tarball))
    const listed = await promisify(execFile)('tar', ['-tzf', path])
    const tests = listed.stdout.split('\n').filter(name => /\.(test|fixture)\./.test(name))
    return [
      ...tests.map(name => `${name} is for tests, leave it out of dist and files`),
      ...lint.messages.map(message => `publint: ${formatMessage(message, lint.pkg, { color: false })}`),
      ...(types.types === false
        ? ['attw: has no types']
        : types.problems.filter(concernsEsm).map(problem => `attw: ${JSON.stringify(problem)}`)),
    ].map(text => `${manifest.name}: ${text}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const problems: string[] = []
for (const one of publicPackages()) problems.push(...(await publishedPackageProblems(one)))
for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0
