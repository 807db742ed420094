package com.procreditbank.kosovo.mpos;

import android.content.Context;
import android.media.AudioFormat;
import android.media.AudioManager;
import android.media.AudioTrack;
import android.os.Vibrator;

/** What is to be heard (EMV Contactless Book A, audio indications) and felt, each once. */
final class Tones {
    private static final int SAMPLES_A_SECOND = 44100;
    private static final double VOLUME = 0.6;

    private final Vibrator vibrator;
    /** The number played last; none before the first screen, whose tone was played before. */
    private Long played;
    private AudioTrack track;

    Tones(Context context) {
        vibrator = (Vibrator) context.getSystemService(Context.VIBRATOR_SERVICE);
    }

    void hear(Screen.Tone tone) {
        long number = tone == null ? 0 : tone.number;
        boolean isNew = tone != null && played != null && played != number;
        played = number;
        if (!isNew) return;
        // Silence and beep in turns, milliseconds.
        boolean isSuccess = tone.sound == Screen.Sound.SUCCESS;
        long[] pattern = isSuccess ? new long[] {0, 500} : new long[] {0, 200, 200, 200};
        vibrator.vibrate(pattern, -1);
        play(samples(isSuccess ? 1500 : 750, pattern));
    }

    static short[] samples(int hertz, long[] pattern) {
        int milliseconds = 0;
        for (long part : pattern) milliseconds += part;
        short[] samples = new short[milliseconds * SAMPLES_A_SECOND / 1000];
        int at = 0;
        for (int part = 0; part < pattern.length; part++) {
            for (long i = pattern[part] * SAMPLES_A_SECOND / 1000; i > 0 && at < samples.length; i--, at++) {
                double turn = 2 * Math.PI * hertz * at / SAMPLES_A_SECOND;
                samples[at] = part % 2 == 0 ? 0 : (short) (Short.MAX_VALUE * VOLUME * Math.sin(turn));
            }
        }
        return samples;
    }

    private void play(short[] samples) {
        if (track != null) track.release();
        track = new AudioTrack(AudioManager.STREAM_MUSIC, SAMPLES_A_SECOND, AudioFormat.CHANNEL_OUT_MONO,
            AudioFormat.ENCODING_PCM_16BIT, samples.length * 2, AudioTrack.MODE_STATIC);
        track.write(samples, 0, samples.length);
        // A phone that has no sound to give has the vibration.
        if (track.getState() == AudioTrack.STATE_INITIALIZED) track.play();
    }
}
