// The stage: filled when the demo runs with two copies.

export function startStage() {}
export function stageEvent() {}
