import { readFileSync } from 'node:fs'
import { changes, repository } from './defects/bundle.ts'
import { plantedDefects } from './defects/planted-defects.ts'

// node proof/simulation/check-finds.ts: which planted defects have to follow a change of our sources
for (const defect of plantedDefects) {
  for (const { file, find } of changes(defect)) {
    const times = readFileSync(`${repository}${file}`, 'utf8').split(find).length - 1
    if (times === 1) continue
    console.log(`${defect.name}: its text stands ${times} times in ${file}`)
    process.exitCode = 1
  }
}
