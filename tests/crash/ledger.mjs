// What the server has acknowledged, and what was under way when it died.
//
//   code:   issued -> redeeming -> redeemed -> spent
//   family: idle <-> busy (a rotation was sent and not yet answered)

export class Ledger {
  constructor() {
    this.users = [];
    this.sessions = [];
    this.codes = new Set();
    this.families = [];
    this.usersBefore = 0;
    this.sessionsBefore = 0;
    this.rotations = 0;
  }

  roundBegins() {
    this.usersBefore = this.users.length;
    this.sessionsBefore = this.sessions.length;
    this.rotations = 0;
    for (const family of this.families) family.busy = false;
  }

  userMade(user) { this.users.push(user); }

  sessionMade(session) { this.sessions.push(session); }

  codeIssued(issued) {
    issued.state = 'issued';
    this.codes.add(issued);
    return issued;
  }

  redemptionBegan(issued) { issued.state = 'redeeming'; }

  redeemed(issued, token) {
    issued.state = 'redeemed';
    issued.family = { token, busy: false };
    this.families.push(issued.family);
  }

  /** Used up on purpose: nothing more is expected of the code, nor of what it gave. */
  spent(issued) {
    this.codes.delete(issued);
    this.families = this.families.filter((family) => family !== issued.family);
  }

  codesIn(state) { return [...this.codes].filter((issued) => issued.state === state); }

  takeIdleFamily() {
    const idle = this.families.filter((family) => !family.busy);
    return idle[Math.floor(Math.random() * idle.length)];
  }

  rotationBegan(family) { family.busy = true; }

  rotated(family, token) {
    family.token = token;
    family.busy = false;
    this.rotations += 1;
  }

  counts() {
    return {
      users: this.users.length - this.usersBefore,
      sessions: this.sessions.length - this.sessionsBefore,
      codes: this.codes.size,
      families: this.families.length,
      rotations: this.rotations,
      rotationsUnderWay: this.families.filter((family) => family.busy).length,
      redemptionsUnderWay: this.codesIn('redeeming').length,
    };
  }
}
