import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { wireOf } from '@switchyard/testkit'
import { isConformanceOptions } from './provider-table.ts'
import { repositoryRoot } from './workspace.ts'

export interface SimulatedProvider {
  /** What the names of its environment variables begin with: `GROQ`. */
  readonly variables: string
  readonly api: ReturnType<typeof wireOf>['api']
}

/** The server that stands in for each provider of the workspace, as its conformance fixture tells it. */
export async function simulatedProviders(): Promise<readonly SimulatedProvider[]> {
  const found: SimulatedProvider[] = []
  for (const path of globSync('packages/*/src/conformance.fixture.ts', { cwd: repositoryRoot }).sort()) {
    const fixture = (await import(pathToFileURL(join(repositoryRoot, path)).href)) as Record<string, unknown>
    for (const [name, options] of Object.entries(fixture)) {
      if (!isConformanceOptions(options)) continue
      const provider = name === 'conformance' ? basename(join(path, '../..')) : name
      found.push({ variables: provider.replaceAll('-', '_').toUpperCase(), api: wireOf(options).api })
    }
  }
  return found
}
