// Drives the GitHub stand-in with GitHub's own client; prints "done" when everything was as it should be.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Octokit } from "@octokit/rest";

const octokit = new Octokit({ auth: process.env.GH_TOKEN, baseUrl: process.env.BASE_URL });
const repo = { owner: "acme", repo: "greet" };
const releases = octokit.rest.repos;

const draft = await releases.createRelease({ ...repo, tag_name: "v1.0.0", draft: true, body: "notes" });
assert.equal(draft.status, 201);
assert.match(draft.data.html_url, /\/untagged-/);
const id = { ...repo, release_id: draft.data.id };

for (let n = 0; n < 31; n++) {
  const data = Buffer.from(`content ${n}`);
  const asset = await releases.uploadReleaseAsset({
    ...id, url: draft.data.upload_url, name: `file ${n}.txt`, data,
    headers: { "content-type": "text/plain", "content-length": data.length },
  });
  assert.equal(asset.data.name, `file.${n}.txt`);
  assert.equal(asset.data.digest, `sha256:${createHash("sha256").update(data).digest("hex")}`);
}
const again = releases.uploadReleaseAsset({ ...id, url: draft.data.upload_url, name: "file.1.txt", data: "x" });
await assert.rejects(again, (error) => error.status === 422 && error.response.data.errors[0].code === "already_exists");

const first = await releases.listReleaseAssets(id);
assert.equal(first.data.length, 30);
const assets = await octokit.paginate(releases.listReleaseAssets, id);
assert.equal(assets.length, 31);

await assert.rejects(releases.getReleaseByTag({ ...repo, tag: "v1.0.0" }), (error) => error.status === 404);
const published = await releases.updateRelease({ ...id, tag_name: "v1.0.0", draft: false, make_latest: "true" });
assert.equal(published.data.draft, false);
const latest = await releases.getLatestRelease(repo);
assert.equal(latest.data.id, draft.data.id);

const content = await releases.getReleaseAsset({
  ...repo, asset_id: assets[0].id, headers: { accept: "application/octet-stream" },
});
assert.equal(Buffer.from(content.data).toString(), "content 0");

const all = await octokit.paginate(releases.listReleases, repo);
assert.equal(all.length, 1);
const notes = await releases.generateReleaseNotes({ ...repo, tag_name: "v1.1.0", previous_tag_name: "v1.0.0" });
assert.match(notes.data.body, /Full Changelog/);
const tag = await octokit.rest.git.getRef({ ...repo, ref: "tags/v1.0.0" });
assert.equal(tag.data.object.type, "tag");
const object = await octokit.rest.git.getTag({ ...repo, tag_sha: tag.data.object.sha });
assert.equal(object.data.object.type, "commit");
const compared = await releases.compareCommitsWithBasehead({ ...repo, basehead: "v0.9.0...v1.0.0" });
assert.equal(compared.data.status, "ahead");
await releases.deleteReleaseAsset({ ...repo, asset_id: assets[1].id });
await releases.deleteRelease(id);
console.log("done");
