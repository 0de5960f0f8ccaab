import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { foreignPaths, isText, projectFiles } from './foreign-paths.ts'
import { repositoryRoot } from './workspace.ts'

// put together here, or this file would name them itself
const machinePath = ['', 'work', 'main'].join('/')
const neighbour = ['..', 'shared'].join('/')

describe('the project speaks of itself alone', () => {
  test('no file names a place outside it', () => {
    const files = projectFiles(repositoryRoot).filter(isText)
    const found = files.flatMap(path =>
      foreignPaths(readFileSync(path, 'utf8')).map(line => `${relative(repositoryRoot, path)}:${line}`),
    )
    expect(found).toEqual([])
  })

  test('hidden files and folders are read too', () => {
    const files = projectFiles(repositoryRoot).map(path => relative(repositoryRoot, path))
    expect(files).toContain('.ci/run')
    expect(files).toContain('.gitignore')
    expect(files).toContain('pnpm-lock.yaml')
    expect(files.some(path => path.includes('node_modules/'))).toBe(false)
  })

  test('a planted path is found with its line', () => {
    expect(foreignPaths(`fine\nsee ${machinePath}/x`)).toEqual([2])
    expect(foreignPaths(`see ${neighbour}/design.md`)).toEqual([1])
    expect(foreignPaths('https://example.com/work/x and ../src/shared')).toEqual([])
  })
})
