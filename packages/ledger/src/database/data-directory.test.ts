import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { newDirectory } from '../ledgers.fixture.ts'
import { takeDataDirectory } from './data-directory.ts'

function take(directory: string) {
  const taken = takeDataDirectory(directory)
  onTestFinished(() => taken.release())
  return taken
}

async function ownerElsewhere(directory: string) {
  const file = new URL('./data-directory.ts', import.meta.url).href
  const script = `
    import { takeDataDirectory } from ${JSON.stringify(file)}
    takeDataDirectory(${JSON.stringify(directory)})
    console.log('taken')
    setInterval(() => {}, 1000)
    process.stdin.resume().on('end', () => process.exit())`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

describe('a data directory', () => {
  it('belongs to one process: a second is refused, and told the directory and who has it', async () => {
    const directory = newDirectory()
    const owner = await ownerElsewhere(directory)
    expect(() => takeDataDirectory(directory)).toThrow(
      expect.objectContaining({
        kind: 'unavailable',
        code: 'data-directory',
        message: `The data directory ${directory} belongs to process ${owner.pid}. Stop it, or choose another directory.`,
      }),
    )
  })

  it('is free again when its process was killed, though its name still stands there', async () => {
    const directory = newDirectory()
    const owner = await ownerElsewhere(directory)
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    expect(readFileSync(join(directory, 'ledger.owner'), 'utf8')).toBe(`${owner.pid}\n`)
    take(directory)
    expect(readFileSync(join(directory, 'ledger.owner'), 'utf8')).toBe(`${process.pid}\n`)
  })

  it('is free where the pid that stands there lives, but is another process by now', () => {
    const directory = newDirectory()
    writeFileSync(join(directory, 'ledger.owner'), '1\n')
    expect(() => take(directory)).not.toThrow()
  })

  it('is refused to a second ledger of the same process, too', () => {
    const directory = newDirectory()
    take(directory)
    expect(() => takeDataDirectory(directory)).toThrow(`a ledger of this process (${process.pid})`)
  })

  it('is made where there is none, and free again once released', () => {
    const directory = join(newDirectory(), 'new', 'deep')
    takeDataDirectory(directory).release()
    expect(() => take(directory)).not.toThrow()
  })

  it('is free again where its owner cannot be written down', () => {
    const directory = newDirectory()
    mkdirSync(join(directory, 'ledger.owner'))
    expect(() => takeDataDirectory(directory)).toThrow(`The data directory ${directory} cannot be used (EISDIR).`)
    rmdirSync(join(directory, 'ledger.owner'))
    expect(() => take(directory)).not.toThrow()
  })

  it('is refused by a Node.js without SQLite, which is told which has it', () => {
    const builtin = vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    onTestFinished(() => builtin.mockRestore())
    expect(() => takeDataDirectory(newDirectory())).toThrow(/needs node:sqlite.* 22\.13/)
  })

  it('that cannot be made is refused by its name', () => {
    const file = join(newDirectory(), 'file')
    writeFileSync(file, '')
    expect(() => takeDataDirectory(join(file, 'data'))).toThrow(
      `The data directory ${join(file, 'data')} cannot be made (ENOTDIR).`,
    )
  })
})
