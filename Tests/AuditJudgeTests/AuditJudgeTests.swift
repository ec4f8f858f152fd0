import AuditJudge
import Testing

/// The judge of the kill test sees what it is there to see, and nothing that is not.
@Suite struct AuditJudgeTests {
    private func judge(_ log: AuditLogText, budget: Int = 1) -> AuditVerdict {
        AuditJudge(user: AuditLogText.user, nodes: 3, budget: budget).judge(log.bytes)
    }

    /// One node after the other, each Ready before the next one loses its pod.
    private func rolledOut(except node: Int? = nil) -> AuditLogText {
        var log = AuditLogText.begun()
        for each in 1...3 where each != node {
            log.delete(each, at: each * 100)
            log.ended(each, 1, at: each * 100 + 1)
            log.ready(each, 2, at: each * 100 + 2)
        }
        return log
    }

    @Test func aCleanRolloutIsClean() throws {
        var log = rolledOut()
        // Asked in a dry run, refused because it was gone, ended by somebody else in no rollout: nothing of it counts.
        let imagined = AuditLogText.pod(1, 9, at: 999, ready: false)
        log.request("create", "pods", "", by: AuditLogText.user, code: 201, answer: imagined, parameters: "?dryRun=All")
        log.delete(1, at: 0, code: 404)
        let verdict = judge(log)
        #expect(verdict.allViolations == [])
        let rollout = try #require(verdict.rollouts.first)
        #expect(verdict.rollouts.count == 1 && rollout.image == AuditLogText.newImage)
        #expect(rollout.podsEnded == 3 && rollout.mostUnavailable == 1 && rollout.repeatedDeletes == 0)
        #expect(rollout.deletesSent == 4 && rollout.deletesRefused == 1 && rollout.deletesUnanswered == 0)
    }

    @Test func twoNodesAtOnceAreOverABudgetOfOne() {
        var log = AuditLogText.begun()
        log.delete(1, at: 20)
        log.delete(2, at: 21)
        for node in 1...2 { log.ready(node, 2, at: 30 + node) }
        log.delete(3, at: 40)
        log.ready(3, 2, at: 41)
        #expect(judge(log).allViolations.count == 1)
        #expect(
            judge(log).allViolations.first?.contains("2 nodes were without an available pod when node-2 lost") == true)
        #expect(judge(log, budget: 2).allViolations == [])
    }

    /// The new pod was Ready in the cluster before the next delete, although its line comes later.
    @Test func revisionsCountNotLines() {
        var log = AuditLogText.begun()
        log.delete(1, at: 20)
        log.delete(2, at: 31)
        log.ready(1, 2, at: 30)
        log.ready(2, 2, at: 32)
        log.delete(3, at: 40)
        log.ready(3, 2, at: 41)
        #expect(judge(log).allViolations == [])
    }

    /// A watch shows a write before the log does; a driver that acted upon it is right, also when its answer was lost.
    @Test(arguments: [nil, 200]) func whatTheDriverMayHaveKnownCounts(code: Int?) {
        var log = AuditLogText.begun()
        log.delete(1, at: 20)
        log.ended(1, 1, at: 21)
        log.ready(1, 2, at: 30) { $0.delete(2, at: 40, code: code) }
        // The kubelet has not heard of it yet and repeats what it last said, which changes nothing.
        log.ready(2, 1, at: 40, going: true)
        log.ready(2, 2, at: 50)
        log.delete(3, at: 60)
        log.ready(3, 2, at: 61)
        #expect(judge(log).allViolations == [])
    }

    /// A delete that was received early and took effect late counts from its effect, which its answer shows.
    @Test func anAnswerShowsWhenADeleteTookEffect() {
        var log = AuditLogText.begun()
        log.delete(2, at: 40) {
            $0.delete(3, at: 31)
            $0.ready(3, 2, at: 35)
        }
        log.ready(2, 1, at: 40, going: true)
        log.ready(2, 2, at: 50)
        log.delete(1, at: 60)
        log.ready(1, 2, at: 61)
        #expect(judge(log).allViolations == [])
    }

    @Test func aSecondPodOfANodeIsAViolation() {
        var log = rolledOut()
        log.delete(1, 2, at: 400)
        log.ready(1, 3, at: 401)
        let violations = judge(log).allViolations
        #expect(violations.contains { $0.contains("node-1 lost two pods: pod-1-1, then pod-1-2") })
        #expect(violations.contains { $0.contains("lost pod-1-2, which ran the new image already") })
    }

    @Test func aRepeatedDeleteIsCountedAndAllowed() {
        var log = rolledOut(except: 3)
        for _ in 1...3 { log.delete(3, at: 500) }
        log.ready(3, 2, at: 501)
        let verdict = judge(log)
        #expect(verdict.allViolations == [])
        #expect(verdict.rollouts.first?.repeatedDeletes == 2 && verdict.rollouts.first?.podsEnded == 3)
    }

    /// Whether the server had acted before it died shows in what the kubelet reports afterwards.
    @Test(arguments: [nil, 500]) func aLostAnswerCountsWhenItHadAnEffect(code: Int?) {
        var log = rolledOut(except: 3)
        log.delete(3, at: 0, code: code)
        log.ended(3, 1, at: 450)
        log.ready(3, 2, at: 460)
        let verdict = judge(log)
        #expect(verdict.allViolations == [])
        #expect(verdict.rollouts.first?.podsEnded == 3)
        #expect(verdict.rollouts.first?.deletesUnanswered == (code == nil ? 1 : 0))

        var over = AuditLogText.begun()
        over.delete(1, at: 0, code: code)
        over.delete(2, at: 20)
        over.ready(2, 2, at: 25)
        over.ended(1, 1, at: 30)
        #expect(judge(over).allViolations.contains { $0.contains("2 nodes were without") })
    }

    @Test func aLostDeleteWithoutEffectIsNone() {
        var log = AuditLogText.begun()
        log.delete(3, at: 0, code: nil)
        for node in 1...3 {
            log.delete(node, at: node * 100)
            log.ready(node, 2, at: node * 100 + 2)
        }
        let verdict = judge(log)
        #expect(verdict.allViolations == [])
        #expect(verdict.rollouts.first?.podsEnded == 3 && verdict.rollouts.first?.repeatedDeletes == 1)
    }

    @Test func aRolloutThatDidNotFinishIsAViolation() {
        let violations = judge(rolledOut(except: 3)).allViolations
        #expect(violations == ["collector:2: node-3 still runs collector:1 at the end"])
        var log = rolledOut(except: 3)
        log.delete(3, at: 500)
        #expect(judge(log).allViolations == ["collector:2: node-3 has 0 pods at the end"])
    }

    /// A pod that somebody else took away is not the driver's, but uses its budget up.
    @Test func aForeignDeleteUsesTheBudgetUp() {
        var log = AuditLogText.begun()
        log.request(
            "delete", "pods", "pod-1-1", by: "somebody",
            answer: AuditLogText.pod(1, 1, at: 20, ready: true, going: true))
        log.delete(2, at: 21)
        let verdict = judge(log)
        #expect(verdict.rollouts.first?.endedByOthers == 1 && verdict.rollouts.first?.podsEnded == 1)
        #expect(verdict.allViolations.contains { $0.contains("2 nodes were without") })
    }

    @Test func aTornLineHidesNothingBehindIt() {
        var log = rolledOut(except: 3)
        log.ready(1, 2, at: 102)
        log.tear()
        // All that the log shows of this delete stands behind the torn line.
        log.delete(3, at: 0, code: nil)
        log.ended(3, 1, at: 500)
        log.ready(3, 2, at: 501)
        let verdict = judge(log)
        #expect(verdict.tornLines == 1)
        #expect(verdict.allViolations == [] && verdict.rollouts.first?.podsEnded == 3)
    }

    @Test func aLogWithoutARolloutProvesNothing() {
        #expect(judge(AuditLogText()).allViolations == ["the log shows 0 nodes, not 3", "the log shows no rollout"])
        #expect(judge(.quiet()).allViolations == ["the log shows no rollout"])
    }
}
